import XCTest

final class DTrainTestsPlaceholder: XCTestCase {}
