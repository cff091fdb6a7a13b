import XCTest

final class DistTestsPlaceholder: XCTestCase {}
