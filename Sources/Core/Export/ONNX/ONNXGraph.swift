/// A graph of ONNX in the making: a list of operators, each with a name for what it gives.
///
/// The numbers of fields are those of `onnx.proto`, facts of the format.
struct ONNXGraph {
  /// Types of elements that are used, by the numbers that the format gives them.
  enum ElementType: Int {
    case float = 1
    case int64 = 7
    case string = 8
    case double = 11
  }

  /// An extent of a shape.
  enum Extent {
    case fixed(Int)
    /// Any number, which has a name.
    case free(String)
  }

  /// What an operator is told besides its inputs.
  enum Attribute {
    case int(Int)
    case ints([Int])
    case strings([String])
    case graph(ONNXGraph)
  }

  /// Operators of ONNX for tables.
  static let learningDomain = "ai.onnx.ml"

  /// How the values of a graph are called: its inputs and outputs as users know them, all others with a mark that no
  /// column's name begins with.
  struct Names {
    /// What users read results by.
    private let outputs: Set<String>
    /// The names of text columns, each with that of its input.
    private let inputs: [String: String]
    /// What the names of all other values begin with.
    private let mark: String

    /// The input of all columns of numbers.
    static let rows = "rows"

    /// - Parameters:
    ///   - outputs: the names of the graph's outputs.
    ///   - columns: the names of the inputs for texts that are wanted. One that is ``rows`` or an output's gets as many
    ///     underscores behind it as make it unique.
    init(outputs: [String], columns: [String] = []) {
      var taken = Set(outputs + [Self.rows])
      // A column that keeps its name comes before one that takes another.
      let colliding = columns.filter { taken.contains($0) }
      taken.formUnion(columns)
      var inputs: [String: String] = [:]
      for column in columns { inputs[column] = column }
      for column in colliding {
        var name = column
        while taken.contains(name) { name += "_" }
        taken.insert(name)
        inputs[column] = name
      }
      var mark = "dtrain/"
      while taken.contains(where: { $0.hasPrefix(mark) }) { mark += "/" }
      (self.outputs, self.inputs, self.mark) = (Set(outputs), inputs, mark)
    }

    /// The name of the input for a column of texts.
    func input(of column: String) -> String { inputs[column]! }

    /// The name of a value that is made in the graph.
    func value(_ name: String) -> String { outputs.contains(name) ? name : mark + name }
  }

  private let name: String
  let names: Names
  private var nodes: [ProtobufMessage] = []
  private var constants: [ProtobufMessage] = []
  private var inputs: [ProtobufMessage] = []
  private var outputs: [ProtobufMessage] = []

  init(_ name: String, _ names: Names) {
    self.name = name
    self.names = names
  }

  /// Declares what the graph takes.
  mutating func addInput(_ name: String, _ type: ElementType, _ shape: [Extent]) -> String {
    inputs.append(Self.value(name, type, shape))
    return name
  }

  /// Declares that a value is what the graph gives.
  mutating func addOutput(_ name: String, _ type: ElementType, _ shape: [Extent]) {
    outputs.append(Self.value(name, type, shape))
  }

  /// Applies an operator; the name of its result, which is given, as ``names`` has it.
  mutating func add(
    _ operation: String, _ inputs: [String], as output: String,
    _ attributes: KeyValuePairs<String, Attribute> = [:], domain: String = ""
  ) -> String {
    var node = ProtobufMessage()
    let output = names.value(output)
    for input in inputs { node.set(1, input) }
    node.set(2, output)
    node.set(3, "make_\(output)")
    node.set(4, operation)
    for (name, attribute) in attributes { node.set(5, Self.message(name, attribute)) }
    if !domain.isEmpty { node.set(7, domain) }
    nodes.append(node)
    return output
  }

  /// The same numbers in another type.
  mutating func cast(_ input: String, to type: ElementType, as output: String) -> String {
    add("Cast", [input], as: output, ["to": .int(type.rawValue)])
  }

  /// A constant; its name.
  mutating func constant(
    _ name: String, _ type: ElementType, _ shape: [Int], _ bytes: [UInt8]
  ) -> String {
    let name = names.value(name)
    var tensor = ProtobufMessage()
    for extent in shape { tensor.set(1, extent) }
    tensor.set(2, type.rawValue)
    tensor.set(8, name)
    tensor.set(9, bytes: bytes)
    constants.append(tensor)
    return name
  }

  /// A vector of texts; its name.
  mutating func constant(_ name: String, _ texts: [String]) -> String {
    let name = names.value(name)
    var tensor = ProtobufMessage()
    tensor.set(1, texts.count)
    tensor.set(2, ElementType.string.rawValue)
    for text in texts { tensor.set(6, text) }
    tensor.set(8, name)
    constants.append(tensor)
    return name
  }

  /// The graph in the format.
  var message: ProtobufMessage {
    var message = ProtobufMessage()
    for node in nodes { message.set(1, node) }
    message.set(2, name)
    for constant in constants { message.set(5, constant) }
    for input in inputs { message.set(11, input) }
    for output in outputs { message.set(12, output) }
    return message
  }

  private static func message(_ name: String, _ attribute: Attribute) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.set(1, name)
    switch attribute {
    case .int(let value):
      message.set(3, value)
      message.set(20, 2)
    case .ints(let values):
      for value in values { message.set(8, value) }
      message.set(20, 7)
    case .strings(let values):
      for value in values { message.set(9, value) }
      message.set(20, 8)
    case .graph(let graph):
      message.set(6, graph.message)
      message.set(20, 5)
    }
    return message
  }

  private static func value(
    _ name: String, _ type: ElementType, _ shape: [Extent]
  ) -> ProtobufMessage {
    var (extents, tensor, kind, value) = (
      ProtobufMessage(), ProtobufMessage(), ProtobufMessage(), ProtobufMessage()
    )
    for extent in shape {
      var dimension = ProtobufMessage()
      switch extent {
      case .fixed(let count): dimension.set(1, count)
      case .free(let name): dimension.set(2, name)
      }
      extents.set(1, dimension)
    }
    tensor.set(1, type.rawValue)
    tensor.set(2, extents)
    kind.set(1, tensor)
    value.set(1, name)
    value.set(2, kind)
    return value
  }
}
