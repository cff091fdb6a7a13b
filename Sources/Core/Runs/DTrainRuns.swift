// What this floor stands on: every file of it, and every floor above, sees these.
@_exported import DTrainExport
