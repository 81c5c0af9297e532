-- Largest events: The 20 events with the longest JSON text.
-- tags: event size, ingestion cost
SELECT eventid, eventtime, eventsource, eventname, useridentity.arn AS who, length(eventjson) AS characters
FROM main
ORDER BY characters DESC
LIMIT 20
