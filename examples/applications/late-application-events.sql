-- Late application events: Application events that arrived more than an hour after they happened.
-- tags: delivery delays, ingestion
SELECT eventdata.uid, eventdata.eventsource AS application, eventtime AS happened, from_iso8601_timestamp(metadata.ingestiontime) AS arrived,
       date_diff('minute', eventtime, CAST(from_iso8601_timestamp(metadata.ingestiontime) AT TIME ZONE 'UTC' AS timestamp)) AS minutes
FROM applications
WHERE from_iso8601_timestamp(metadata.ingestiontime) > eventtime + INTERVAL '1' HOUR
ORDER BY minutes DESC
