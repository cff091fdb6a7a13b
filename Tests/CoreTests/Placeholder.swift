import XCTest

final class CoreTestsPlaceholder: XCTestCase {}
