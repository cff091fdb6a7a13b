/// Sizes of layers: `200`, `512,256`, or `none`.
extension [Int]: OptionValue {
  package init?(optionText text: String) {
    if text == "none" || text == "0" {
      self = []
      return
    }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    self = parts.compactMap { Int($0) }
    if count != parts.count || contains(where: { $0 < 1 }) { return nil }
  }
  package static var optionForm: String? { "sizes, such as 200 or 512,256, or none" }
  package static var optionHasCommas: Bool { true }
  package var optionText: String { isEmpty ? "none" : map(String.init).joined(separator: ",") }
  package static func value(recordedAs json: JSON) -> [Int]? {
    let sizes = json.items?.compactMap(\.int)
    return sizes?.count == json.items?.count ? sizes : nil
  }
  package var recorded: JSON { .array(map { .integer($0) }) }
}
