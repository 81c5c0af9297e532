-- What was changed by hand in the console.
SELECT eventtime, useridentity.arn AS who, eventsource, eventname, awsregion
FROM main
WHERE sessioncredentialfromconsole = 'true' AND NOT readonly
ORDER BY eventtime DESC
