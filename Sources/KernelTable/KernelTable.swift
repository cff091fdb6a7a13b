import KernelsV3
import KernelsV4
