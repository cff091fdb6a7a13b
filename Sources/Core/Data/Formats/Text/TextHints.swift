/// What a user says of tables in text, where looking could tell something else.
package struct TextHints: Equatable, Sendable {
  /// Whether the first row has the names of the columns; nil to tell by looking.
  var hasHeader: Bool?
  /// What stands between fields; nil to tell by looking.
  var delimiter: UInt8?
}
