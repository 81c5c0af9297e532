-- Snapshot sharing changes: EBS and RDS snapshots whose sharing was changed, with the accounts that may now copy them.
-- tags: T1537, exfiltration, snapshot sharing
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'snapshotId'), element_at(requestparameters, 'dBSnapshotIdentifier')) AS snapshot,
       coalesce(element_at(requestparameters, 'valuesToAdd'), element_at(requestparameters, 'createVolumePermission')) AS given_to
FROM main
WHERE eventname IN ('ModifySnapshotAttribute', 'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute')
ORDER BY eventtime DESC
