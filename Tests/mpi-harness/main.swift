import DTrainDist
