-- Events with the largest texts, each with its size.
SELECT eventid, eventtime, eventsource, eventname, useridentity.arn AS who, length(eventjson) AS characters
FROM main
ORDER BY characters DESC
LIMIT 20
