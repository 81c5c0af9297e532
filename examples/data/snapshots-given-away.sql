-- Snapshots that other accounts may copy.
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'snapshotId'), element_at(requestparameters, 'dBSnapshotIdentifier')) AS snapshot,
       coalesce(element_at(requestparameters, 'valuesToAdd'), element_at(requestparameters, 'createVolumePermission')) AS given_to
FROM main
WHERE eventname IN ('ModifySnapshotAttribute', 'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute')
ORDER BY eventtime DESC
