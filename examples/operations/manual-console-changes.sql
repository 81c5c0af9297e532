-- Manual console changes: Changes that were made in the console.
-- tags: change management, configuration drift
SELECT eventtime, useridentity.arn AS who, eventsource, eventname, awsregion
FROM main
WHERE sessioncredentialfromconsole = 'true' AND NOT readonly
ORDER BY eventtime DESC
