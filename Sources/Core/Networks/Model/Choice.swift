/// One of a list of values, chosen by its name on the command line, in `config.json` and in models.
///
/// A value is defined in a file of its own and registered in ``all``; nothing else knows it.
public protocol Choice: RawRepresentable<String>, CaseIterable, Hashable, Sendable,
  CustomStringConvertible
{
  /// The values there are.
  static var all: [Self] { get }
  /// What it is called.
  var name: String { get }
  /// The options that it reads and others of the list do not, by their names in `config.json`.
  var uses: [String] { get }
}

extension Choice {
  /// The same as ``all``.
  public static var allCases: [Self] { all }
  /// The same as ``name``.
  public var rawValue: String { name }
  /// The same as ``name``.
  public var description: String { name }
  /// None.
  public var uses: [String] { [] }

  /// The value of that name; nil where there is none.
  public init?(rawValue: String) {
    guard let value = Self.all.first(where: { $0.name == rawValue }) else { return nil }
    self = value
  }

  /// Whether both have the same name.
  public static func == (a: Self, b: Self) -> Bool { a.name == b.name }
  /// Feeds the name to a hasher.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension RunOption where Configuration == MLPConfiguration {
  /// The same, which has an effect only with the choices that use it.
  ///
  /// - Parameter isOpen: whether the choice is left to the data, so that it is judged once that is made.
  func used<Value: Choice>(
    by other: String, _ choice: @escaping @Sendable (MLPConfiguration) -> Value?,
    unless isOpen: @escaping @Sendable (MLPConfiguration) -> Bool = { _ in false }
  ) -> Self {
    let users = Value.all.filter { $0.uses.contains(name) }.map(\.name)
    return needing(
      other, { choice($0)?.name ?? "left open" }, remedy: users.joined(separator: ", or ")
    ) { isOpen($0) || choice($0).map { users.contains($0.name) } ?? false }
  }
}
