import Foundation
import XCTest

@testable import DTrainDist

final class NodeConnectionTests: XCTestCase {
  /// Names are those that `MPI_Finalize` wants to remove, also of files that are gone already.
  func testNamesOfOpenFiles() throws {
    let list = NSTemporaryDirectory() + "/dtrain-maps-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: list) }
    let lines = """
      7f2c-7f3c rw-s 00000000 00:19 3 /dev/shm/vader_segment.vm.0.14040001.1
      7f3c-7f4c rw-s 00000000 00:19 4 /dev/shm/vader_segment.vm.0.14040001.0 (deleted)
      7f4c-7f5c rw-s 00000000 00:19 4 /dev/shm/vader_segment.vm.0.14040001.0 (deleted)
      7f5c-7f6c r-xp 00000000 00:19 5 /usr/lib/libmpi.so.40
      7f6c-7f7c rw-s 00000000 00:19 6 /dev/shm/other (deleted)
      7f7c-7f8c rw-p 00000000 00:00 0

      """
    try Data(lines.utf8).write(to: URL(fileURLWithPath: list))
    XCTAssertEqual(
      NodeConnections.openFiles(listedIn: list),
      ["/dev/shm/vader_segment.vm.0.14040001.0", "/dev/shm/vader_segment.vm.0.14040001.1"])
  }
}
