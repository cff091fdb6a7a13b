import XCTest

@testable import DTrainData
@testable import DTrainDist
@testable import DTrainNetworks

/// Which rank trains, evaluates and holds which rows, for every small number of ranks and shards.
final class RowAssignmentTests: XCTestCase {
  private func withEveryCombination(
    _ body: (_ rows: Int, _ shards: Int, _ ranks: Int, _ validation: Double) throws -> Void
  ) rethrows {
    for rows in [1, 7, 100, 1001] {
      for shards in 1...9 {
        for ranks in 1...12 {
          for validation in [0, 0.1, 0.37] { try body(rows, shards, ranks, validation) }
        }
      }
    }
  }

  private func assignments(
    _ rows: Int, _ shards: Int, _ ranks: Int, _ validation: Double
  ) -> [RowAssignment] {
    (0..<ranks).map {
      RowAssignment(
        shards: VirtualShards(rows: rows, count: shards), validation: validation, seed: 21,
        rank: $0, ranks: ranks)
    }
  }

  /// The rows of the whole matrix that a set evaluates on a rank that holds `data`.
  private func rows(of block: EvaluationSet.BlockRows, _ data: RowBlock) -> [Int] {
    let local = block.list?.map { Int($0) } ?? Array(block.first..<block.first + block.count)
    return local.map { data.rows.lowerBound + $0 }
  }

  func testEveryRowHasItsPlace() throws {
    try withEveryCombination { rows, shards, ranks, validation in
      let name = "\(rows) rows, \(shards) shards, \(ranks) ranks, validation \(validation)"
      let all = assignments(rows, shards, ranks, validation)
      let virtual = all[0].shards
      var trained = [Int](repeating: 0, count: rows)
      var heldOut = [Int](repeating: 0, count: rows)
      var evaluated = [Int](repeating: 0, count: rows)
      var validated = [Int](repeating: 0, count: rows)
      var trainingBlocks: [Int] = []
      var validationBlocks: [Int] = []
      for assignment in all {
        XCTAssertEqual(assignment.trainingCounts, all[0].trainingCounts, name)
        for shard in assignment.ownShards {
          let split = assignment.splits[shard]!
          XCTAssertEqual(split.rows, virtual.range(of: shard), name)
          let training = split.training ?? (0..<Int32(split.rows.count)).map { $0 }
          XCTAssertEqual(training.count, assignment.trainingCounts[shard], name)
          XCTAssertEqual(split.validation.count, assignment.validationCounts[shard], name)
          for offset in training { trained[split.rows.lowerBound + Int(offset)] += 1 }
          for offset in split.validation { heldOut[split.rows.lowerBound + Int(offset)] += 1 }
        }
        let data = try RowBlock(
          rows: assignment.held, columns: 1, element: .uint8, name: "nothing")
        for (isValidation, set) in [
          (
            false,
            EvaluationSet(data, targets: .labels([]), assignment: assignment, validation: false)
          ),
          (
            true,
            EvaluationSet(data, targets: .labels([]), assignment: assignment, validation: true)
          ),
        ] {
          for (index, block) in set.blocks {
            let numbers = self.rows(of: block, data)
            XCTAssertTrue(numbers.allSatisfy(assignment.held.contains), "\(name): not held")
            XCTAssertTrue(1...EvaluationBlock.rows ~= numbers.count, name)
            XCTAssertLessThan(index, set.blockCount, name)
            if isValidation {
              validationBlocks.append(index)
              for row in numbers { validated[row] += 1 }
            } else {
              trainingBlocks.append(index)
              for row in numbers { evaluated[row] += 1 }
            }
          }
          XCTAssertEqual(
            set.rowCount,
            (isValidation ? assignment.validationCounts : assignment.trainingCounts).reduce(0, +))
        }
      }
      XCTAssertEqual(zip(trained, heldOut).map { $0 + $1 }, [Int](repeating: 1, count: rows), name)
      XCTAssertEqual(evaluated, trained, name)
      XCTAssertEqual(validated, heldOut, name)
      XCTAssertEqual(trainingBlocks.sorted(), Array(0..<trainingBlocks.count), name)
      XCTAssertEqual(validationBlocks.sorted(), Array(0..<validationBlocks.count), name)
      if validation == 0 { XCTAssertEqual(validated.reduce(0, +), 0, name) }
      checkHeld(all, rows, name)
    }
  }

  /// Up to V ranks, rows are held once; beyond, a surplus rank holds no more than a shard.
  private func checkHeld(_ all: [RowAssignment], _ rows: Int, _ name: String) {
    let shards = all[0].shards
    if all.count <= shards.count {
      XCTAssertEqual(all.reduce(0) { $0 + $1.held.count }, rows, name)
      for assignment in all {
        XCTAssertFalse(assignment.ownShards.isEmpty, name)
        XCTAssertLessThanOrEqual(
          assignment.ownShards.count, (shards.count + all.count - 1) / all.count, name)
      }
    } else {
      for assignment in all {
        XCTAssertLessThanOrEqual(assignment.ownShards.count, 1, name)
        XCTAssertTrue(
          assignment.held.isEmpty
            || (0..<shards.count).contains {
              assignment.held.clamped(to: shards.range(of: $0)) == assignment.held
            }, name)
      }
    }
  }

  /// Which rows are held out, and what each shard evaluates, does not depend on the number of ranks.
  func testHeldOutRowsDoNotDependOnRanks() {
    for shards in [1, 3, 8] {
      let alone = assignments(1001, shards, 1, 0.1)[0]
      XCTAssertTrue(abs(alone.validationCounts.reduce(0, +) - 100) <= shards)
      for ranks in 2...12 {
        for assignment in assignments(1001, shards, ranks, 0.1) {
          for (shard, split) in assignment.splits {
            XCTAssertEqual(split.training, alone.splits[shard]!.training)
            XCTAssertEqual(split.validation, alone.splits[shard]!.validation)
          }
          XCTAssertTrue(assignment.trainingBlocks.allSatisfy(alone.trainingBlocks.contains))
          XCTAssertTrue(assignment.validationBlocks.allSatisfy(alone.validationBlocks.contains))
        }
      }
    }
  }

  /// A test set is cut into blocks that each belong to one rank.
  func testTestRowsAreEvaluatedOnce() throws {
    for rows in [1, 7, 100, 256, 257, 1001, 10_000] {
      for ranks in 1...12 {
        var next = 0
        var blocks: [Int] = []
        for rank in 0..<ranks {
          let held = EvaluationSet.heldRows(of: rows, rank: rank, ranks: ranks)
          let data = try RowBlock(rows: held, columns: 1, element: .uint8, name: "nothing")
          let set = EvaluationSet(
            test: data, targets: .labels([]), rows: rows, rank: rank, ranks: ranks)
          for (index, block) in set.blocks {
            blocks.append(index)
            for row in self.rows(of: block, data) {
              XCTAssertEqual(row, next)
              XCTAssertTrue(held.contains(row))
              next += 1
            }
          }
        }
        XCTAssertEqual(next, rows, "\(ranks) ranks")
        XCTAssertEqual(blocks, Array(0..<EvaluationBlock.blocks(in: rows)))
      }
    }
  }

  /// Of each class the same fraction is held out, to one row, whatever the shards are; and as many rows as without
  /// classes.
  func testHeldOutRowsAreStratified() throws {
    for rows in [7, 100, 1001] {
      for shards in [1, 3, 8, 40] {
        for classes in [1, 3, 10] {
          for validation in [0.1, 0.25, 0.37] {
            let name = "\(rows) rows, \(shards) shards, \(classes) classes, \(validation)"
            // A large class, smaller ones, and rows in their order.
            let labels = (0..<rows).map { Int32(min($0 * $0 % (2 * classes), classes - 1)) }
              .sorted()
            let plain = assignments(rows, shards, 1, validation)[0]
            let all = try plain.stratified(by: labels, classes: classes, among: .solo)
            XCTAssertEqual(
              all.validationCounts.reduce(0, +), plain.validationCounts.reduce(0, +), name)
            var heldOut = [Int](repeating: 0, count: classes)
            var seen: Set<Int> = []
            for shard in all.ownShards {
              let split = all.splits[shard]!
              XCTAssertEqual(split.validation.count, all.validationCounts[shard], name)
              let training = split.training ?? (0..<Int32(split.rows.count)).map { $0 }
              XCTAssertEqual(training.count, all.trainingCounts[shard], name)
              for offset in training + split.validation {
                seen.insert(split.rows.lowerBound + Int(offset))
              }
              for offset in split.validation {
                heldOut[Int(labels[split.rows.lowerBound + Int(offset)])] += 1
              }
            }
            XCTAssertEqual(seen.count, rows, name)
            for label in 0..<classes {
              let share = validation * Double(labels.count { $0 == Int32(label) })
              XCTAssertEqual(Double(heldOut[label]), share, accuracy: 1, name)
            }
          }
        }
      }
    }
  }

  /// The steps of an epoch cut each shard's order into consecutive micro-batches, each near its share.
  func testPlanTakesEveryPositionOnce() {
    withEveryCombination { rows, shards, ranks, validation in
      guard ranks == 1 else { return }
      let counts = assignments(rows, shards, 1, validation)[0].trainingCounts
      for batch in [1, 3, 50, 64, rows, rows + 5] where counts.reduce(0, +) > 0 {
        let plan = BatchPlan(shardRows: counts, batch: batch)
        let name = "\(counts) rows, batch \(batch)"
        XCTAssertEqual(plan.steps, Int((Double(plan.rows) / Double(batch)).rounded(.up)), name)
        let active = (0..<plan.steps).map(plan.activeShards)
        for shard in counts.indices {
          var next = 0
          for step in 0..<plan.steps {
            let positions = plan.microBatch(shard: shard, step: step)
            XCTAssertEqual(positions.lowerBound, next, name)
            next = positions.upperBound
            XCTAssertLessThanOrEqual(positions.count, plan.largestMicroBatch(shard: shard), name)
            let before = min(step * batch, plan.rows)
            let size = min((step + 1) * batch, plan.rows) - before
            let share = Double(counts[shard] * size) / Double(plan.rows)
            XCTAssertEqual(Double(positions.count), share, accuracy: 1, name)
            XCTAssertEqual(
              active[step].contains(anyOf: shard..<shard + 1), !positions.isEmpty, name)
          }
          XCTAssertEqual(next, counts[shard], name)
        }
        XCTAssertEqual((0..<plan.steps).reduce(0) { $0 + plan.batchRows(step: $1) }, plan.rows)
      }
    }
  }

  func testDefaultShards() {
    for (batch, expected) in [
      (1, 1), (15, 1), (16, 1), (32, 2), (50, 3), (64, 4), (256, 4), (257, 4), (512, 8), (4096, 64),
    ] {
      XCTAssertEqual(VirtualShards.defaultCount(batch: batch), expected, "batch \(batch)")
    }
  }
}
