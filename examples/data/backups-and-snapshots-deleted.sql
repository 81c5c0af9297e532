-- Backups and snapshots deleted: Backups, snapshots and recovery points that were deleted.
-- tags: T1490, ransomware, inhibit recovery
SELECT eventtime, useridentity.arn AS by_whom, eventname, eventsource, coalesce(element_at(requestparameters, 'snapshotId'), element_at(requestparameters, 'dBSnapshotIdentifier'), element_at(requestparameters, 'recoveryPointArn')) AS backup
FROM main
WHERE eventname IN ('DeleteDBSnapshot', 'DeleteDBClusterSnapshot', 'DeleteSnapshot', 'DeleteRecoveryPoint', 'DeleteBackup')
ORDER BY eventtime DESC
