-- Databases and file systems deleted: DynamoDB tables, RDS databases and EFS file systems that were deleted, and whether the final snapshot was skipped.
-- tags: T1485, data destruction, impact
SELECT eventtime, useridentity.arn AS by_whom, eventname, eventsource, coalesce(element_at(requestparameters, 'tableName'), element_at(requestparameters, 'dBInstanceIdentifier'), element_at(requestparameters, 'dBClusterIdentifier'), element_at(requestparameters, 'fileSystemId')) AS what,
       element_at(requestparameters, 'skipFinalSnapshot') AS without_snapshot
FROM main
WHERE eventname IN ('DeleteTable', 'DeleteDBInstance', 'DeleteDBCluster', 'DeleteFileSystem')
ORDER BY eventtime DESC
