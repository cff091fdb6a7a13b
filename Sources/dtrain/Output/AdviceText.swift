import DTrainCore

/// What a user should know of a run, in sentences.
enum AdviceText {
  /// The sentence for a piece of advice.
  static func sentence(_ advice: any Advice) -> String {
    switch advice {
    case let advice as RunAdvice: sentence(advice)
    case let advice as NetworkAdvice: sentence(advice)
    case let advice as ClusteringAdvice: sentence(advice)
    default: "\(advice)"
    }
  }

  private static func sentence(_ advice: RunAdvice) -> String {
    switch advice {
    case .noLocks(let directory):
      "the file system of \(directory) has no locks: do not start a second run there"
    case .damagedCheckpoint(let path, let problem):
      "the checkpoint \(path) is damaged (\(problem)); trying an older one"
    case .metricsShort(let path, let has, let had):
      "\(path) has only \(has) of the \(had) bytes that it had at the checkpoint: lines are missing"
    case .metricsChanged(let path):
      "\(path) is not what it was at the checkpoint: lines were changed since"
    case .notRepeated(let path, let differing):
      "\(path) was recorded with another \(differing.joined(separator: ", ")): the result can differ from that run's"
    case .crowded(let ranks, let cores):
      "\(TrainingText.count(ranks, "rank")) share \(TrainingText.count(cores, "core")) of a node, and wait for each "
        + "other in every step; start no more ranks than cores"
    case .busyNode(let ranks, let cores, let waiting):
      "a rank waited for a core \(NumberFormat.fixed(waiting * 100, 0)) % of the time, because other programs run on its "
        + "node (\(TrainingText.count(cores, "core")), \(TrainingText.count(ranks, "rank"))); end them, or start fewer ranks"
    case .coarseColumn(let column, let minimum, let maximum):
      "the numbers in \(column) are read as float32, which tells few of them apart between "
        + "\(minimum) and \(maximum); give --scale standard, which subtracts an offset before it rounds"
    case .mergedNumbers(let column, let differing, let remaining, let minimum, let maximum):
      "of \(differing) different numbers in \(column), between \(minimum) and \(maximum), "
        + "rounding to float32 leaves \(remaining): "
        + (max(minimum.magnitude, maximum.magnitude) < Double(Float.leastNormalMagnitude)
          ? "float32 has few digits below 1e-38; multiply the column first"
          : "no one offset serves all rows (are missing values written as 0?); subtract an offset of each group first")
    case .shellOrder(let first, let second, let others):
      "\(first) is read before \(second), as a shell sorts an unquoted pattern, and \(others) must have its rows in this "
        + "order; quote the pattern for natural order"
    case .readTwice(let path):
      "\(path) is read twice, because it was named twice or patterns overlap; name it once unless its rows are to count "
        + "twice"
    case .rowsLeftOut(let name, let count, let all):
      "\(name): \(TrainingText.count(count, "row")) of \(NumberFormat.grouped(all)) \(count == 1 ? "is" : "are") left out, "
        + "because values are missing; a label, weight or output row belongs to each of the others"
    case .comments(let name, let count):
      "\(name): \(TrainingText.count(count, "line")) between the rows \(count == 1 ? "begins with # and is a comment" : "begin with # and are comments"); "
        + "put the first field in quotes where a line is a row"
    case .doubtfulHeader(let name):
      "\(name): the first line was read as the names of the columns, although no column holds numbers; give --header no if it "
        + "is a row, or --header yes to say that it is not"
    case .unevenColumns(let widest, let large, let narrowest, let small):
      "the values of \(widest) span \(NumberFormat.significant(large)), those of \(narrowest) only "
        + "\(NumberFormat.significant(small)), so distances depend on \(widest) almost alone; give --scale standard, unless "
        + "that is meant"
    }
  }

  private static func sentence(_ advice: NetworkAdvice) -> String {
    switch advice {
    case .idleRanks(let ranks, let shards, let isContinued):
      "\(ranks) ranks share \(TrainingText.count(shards, "virtual shard")): \(ranks - shards == 1 ? "1 rank has" : "\(ranks - shards) ranks have") "
        + "no rows to pass forward and back, and only \(ranks - shards == 1 ? "helps" : "help") with weight gradients "
        + "and evaluation; "
        + (isContinued
          ? "go on with \(TrainingText.count(shards, "rank")), which give the same result"
          : "give --shards \(ranks) (another result, the same on any number of ranks) or a larger --batch")
    case .separateCopies(let reason):
      "the ranks of a node cannot share memory (\(reason)); each keeps a copy of the model, which is slower but gives "
        + "the same result"
    case .emptyClasses(let name, let largestRow, let classes, let empty):
      "\(name): label \(classes - 1), first in row \(largestRow) (counted from 0), makes \(classes) classes; \(empty) of "
        + "these \(empty == 1 ? "has" : "have") no row; number the classes from 0 without gaps, or give --targets numbers if "
        + "these are quantities, or --classes \(classes) if this is meant"
    case .constantRows(let name):
      "no column of \(name) varies (as float32), so nothing can be learned from the rows; check that these are the rows"
    case .constantTargets(let name):
      "\(name): all targets are the same, so there is nothing to learn; check that these are the targets"
    case .learnedNothing(let rival, let steps?, _):
      "after \(TrainingText.count(steps, "step")) the model does no better on its training rows than to \(words(rival)); "
        + "give more --epochs, or another --learning-rate"
    case .learnedNothing(let rival, nil, let scale):
      "the model does no better on its training rows than to \(words(rival)); try "
        + "\(scale == .standard ? "" : "--scale standard, ")more --epochs, another --learning-rate or --hidden, or check "
        + "that rows and targets belong together"
    case .foreignColumn(let name, let column, let deviations):
      "\(name): the mean of \(column) is \(NumberFormat.significant(deviations, 3)) standard "
        + "deviations from that of the rows that the model was trained on; check that the columns have the same order and "
        + "units as those"
    case .heldOutClass(let name):
      "no row of class \(name) is trained on, because --validation holds out all of them; give another fraction, or "
        + "--test-data instead"
    case .labelsFromOne(let name, let classes):
      "\(name): labels are 1 to \(classes), so class 0 has no row; subtract 1, unless they are quantities (--targets "
        + "numbers)"
    case .highLoss(let times):
      "the loss is \(NumberFormat.significant(times, 3)) times that of a prediction that is the same for all rows; give more "
        + "--epochs, or lower --learning-rate"
    case .takenAsNumbers(let name, let values):
      "\(name) holds \(values) different whole numbers, taken as quantities; give --targets classes, numbered from 0, if "
        + "they are classes"
    case .takenAsClasses(let name, let classes):
      "\(name) holds whole numbers below \(classes), taken as \(classes) classes; give --targets numbers if they are "
        + "quantities"
    case .orderedByShape(let name, let weights):
      "\(name): the layers are taken in the only order in which their shapes fit, which is not that of their names: "
        + weights.map(\.printable).joined(separator: ", ")
    }
  }

  /// What such a prediction does.
  private static func words(_ constant: NetworkAdvice.Constant) -> String {
    switch constant {
    case .largestClass(let share, let isWeighted):
      "name always the largest class (\(percent(share)) of the \(isWeighted ? "weight" : "rows"))"
    case .shares: "give all rows the same probabilities"
    case .mean: "predict always the mean"
    }
  }

  private static func percent(_ share: Double) -> String {
    "\(NumberFormat.fixed(100 * share, 1)) %"
  }

  private static func sentence(_ advice: ClusteringAdvice) -> String {
    switch advice {
    case .refilled(1): "an empty cluster took the row farthest from its center"
    case .refilled(let times):
      "\(times) times an empty cluster took the row farthest from its center"
    case .balanced(let times):
      "\(times == 1 ? "once" : "\(times) times") the directions of a cluster's rows added up to zero, so that none is "
        + "their mean, and its center stayed where it was"
    case .directedCenters(let file):
      "the centers in \(file.printable) were divided by their lengths, because cosine compares directions"
    case .emptyClusters(let empty, let clusters, let cause):
      "\(empty) of \(clusters) clusters \(empty == 1 ? "holds" : "hold") no row: "
        + reason(cause, left: clusters - empty)
    case .unknownMaking(let centers, let isForeign, let metric):
      "\(centers.printable) has \(isForeign ? "another program's" : "no") config.json beside it, so its centers are used in \(metric.rawValue) without scaling; "
        + "those of a run with --scale or --metric, or of kmedians, need the config.json of that run"
    case .ofMember(let clusters, let advice): "K=\(clusters): \(sentence(advice))"
    }
  }

  private static func reason(_ cause: ClusteringAdvice.EmptyCause, left: Int) -> String {
    switch cause {
    case .fewDistinctRows:
      "there are fewer distinct rows than clusters, as float32 tells them apart; use --clusters \(left) or fewer"
    case .centersKept:
      "--empty keep leaves their centers where they are; --empty farthest gives them rows"
    case .lastMovement:
      "the last movement of the centers took their rows; let it run on (--max-iterations, --tolerance 0) or use fewer "
        + "clusters"
    }
  }
}
