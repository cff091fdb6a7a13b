/// Texts that were read to be passed on as they stand, in the order of reading.
package final class CopiedTexts {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  /// Keeps a text; its number.
  func add(_ text: [UInt8]) -> Int {
    bytes += text
    ends.append(bytes.count)
    return ends.count - 1
  }

  /// The text of that number.
  subscript(number: Int) -> ArraySlice<UInt8> {
    bytes[(number == 0 ? 0 : ends[number - 1])..<ends[number]]
  }
}
