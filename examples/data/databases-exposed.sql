-- Databases that can be reached from everywhere.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'dBInstanceIdentifier') AS database
FROM main
WHERE eventsource = 'rds.amazonaws.com' AND eventname IN ('CreateDBInstance', 'ModifyDBInstance')
  AND element_at(requestparameters, 'publiclyAccessible') = 'true'
ORDER BY eventtime DESC
