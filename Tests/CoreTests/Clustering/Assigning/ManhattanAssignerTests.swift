@testable import DTrainClustering

/// The same in the L1 metric.
final class ManhattanAssignerTests: EuclideanAssignerTests {
  override var metric: ClusterMetric { .l1 }

  // Inherited tests are not found by themselves.
  override func testWildColumns() throws { try super.testWildColumns() }
  override func testMiddles() throws { try super.testMiddles() }
  override func testExactTies() throws { try super.testExactTies() }
  override func testSubnormals() throws { try super.testSubnormals() }
  override func testHugeNumbers() throws { try super.testHugeNumbers() }
  override func testRowsWithoutBounds() throws { try super.testRowsWithoutBounds() }
  override func testHugeColumns() throws { try super.testHugeColumns() }
  override func testGroups() throws { try super.testGroups() }
  override func testBytes() throws { try super.testBytes() }
  override func testConstantRows() throws { try super.testConstantRows() }
  override func testCentersFarAway() throws { try super.testCentersFarAway() }
  override func testBoundsSkip() throws { try super.testBoundsSkip() }
}
