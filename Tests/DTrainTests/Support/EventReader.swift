import DTrainCore
import Foundation
import XCTest

@testable import DTrainBase

/// The event files of a directory, read as TensorBoard reads them.
struct EventReader {
  struct Record {
    let step: Int
    let wallTime: Double
    let version: String?
    /// Whether a process says that it goes on here.
    let isStart: Bool
    let values: [Value]
  }

  /// One value of a summary: a scalar, the fields of a histogram, or those of an image.
  struct Value {
    let tag: String
    let scalar: Float?
    let histogram: Message?
    let image: Message?
  }

  /// The records of each file, in the order of the files' names.
  let files: [[Record]]

  init(_ folder: RunFolder, _ directory: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file(directory))
    files = try names.filter { $0.hasPrefix("events.out.tfevents.") }.sorted().map {
      try Self.records(folder.bytes("\(directory)/\($0)"))
    }
  }

  /// What is left where each start drops what was written of its step and of later ones.
  var steps: [Record] {
    files.joined().reduce(into: []) { steps, record in
      if record.isStart { steps.removeAll { $0.step >= record.step } }
      if !record.values.isEmpty { steps.append(record) }
    }
  }

  /// The scalars of a tag.
  func scalars(_ tag: String) -> [Int: Float] {
    steps.reduce(into: [:]) { found, record in
      for value in record.values where value.tag == tag { found[record.step] = value.scalar }
    }
  }

  /// Takes records apart, and checks both checksums of each; all must be whole.
  private static func records(_ bytes: [UInt8]) throws -> [Record] {
    var records: [Record] = []
    var place = 0
    func word(_ start: Int, _ width: Int) -> UInt64 {
      bytes[start..<start + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    func masked(_ range: Range<Int>) -> UInt64 {
      let sum = CRC32C.checksum(Array(bytes[range]))
      return UInt64((sum >> 15 | sum << 17) &+ 0xA282_EAD8)
    }
    while place < bytes.count {
      try requireWhole(place + 12 <= bytes.count)
      let start = place + 12
      let end = start + Int(word(place, 8))
      try requireWhole(end + 4 <= bytes.count)
      XCTAssertEqual(word(place + 8, 4), masked(place..<place + 8), "of the length at \(place)")
      XCTAssertEqual(word(end, 4), masked(start..<end), "of the message at \(start)")
      records.append(try record(Message(bytes[start..<end])))
      place = end + 4
    }
    return records
  }

  private static func requireWhole(_ condition: Bool) throws {
    if !condition { throw LaunchError(description: "the last record is torn") }
  }

  private static func record(_ message: Message) throws -> Record {
    let values = try message.messages(5).flatMap { try $0.messages(1) }.map { value in
      Value(
        tag: String(decoding: try XCTUnwrap(value.bytes(1)), as: UTF8.self),
        scalar: value.number(2).map { Float(bitPattern: UInt32($0)) },
        histogram: try value.messages(5).first, image: try value.messages(4).first)
    }
    return Record(
      step: Int(message.number(2) ?? 0), wallTime: try XCTUnwrap(message.double(1)),
      version: message.bytes(3).map { String(decoding: $0, as: UTF8.self) },
      isStart: try message.messages(7).first?.number(1) == 1, values: values)
  }
}

/// The fields of a message of Protocol Buffers.
struct Message {
  private enum Field { case number(UInt64), bytes(ArraySlice<UInt8>) }
  private var fields: [(Int, Field)] = []

  init(_ bytes: ArraySlice<UInt8>) throws {
    var rest = bytes
    func take(_ count: Int) throws -> ArraySlice<UInt8> {
      guard rest.count >= count else { throw LaunchError(description: "a field is torn") }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
    func fixed(_ count: Int) throws -> UInt64 {
      try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    func varint() throws -> UInt64 {
      var (value, shift): (UInt64, UInt64) = (0, 0)
      while true {
        let byte = try fixed(1)
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 { return value }
      }
    }
    while !rest.isEmpty {
      let tag = try varint()
      let field: Field =
        switch tag & 7 {
        case 0: .number(try varint())
        case 1: .number(try fixed(8))
        case 2: .bytes(try take(Int(try varint())))
        case 5: .number(try fixed(4))
        default: throw LaunchError(description: "wire type \(tag & 7)")
        }
      fields.append((Int(tag >> 3), field))
    }
  }

  func number(_ field: Int) -> UInt64? {
    for case (field, .number(let value)) in fields { return value }
    return nil
  }
  func double(_ field: Int) -> Double? { number(field).map { Double(bitPattern: $0) } }
  func bytes(_ field: Int) -> ArraySlice<UInt8>? {
    for case (field, .bytes(let value)) in fields { return value }
    return nil
  }
  func messages(_ field: Int) throws -> [Message] {
    try fields.compactMap {
      guard $0.0 == field, case .bytes(let bytes) = $0.1 else { return nil }
      return try Message(bytes)
    }
  }
  /// The numbers of a packed field.
  func doubles(_ field: Int) -> [Double] {
    let bytes = Array(bytes(field) ?? [])
    return stride(from: 0, to: bytes.count, by: 8).map { place in
      Double(
        bitPattern: bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
}
