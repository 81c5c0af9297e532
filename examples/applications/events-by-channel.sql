-- Events by channel: How many events each channel ingested, by day.
-- tags: ingestion, channels
SELECT regexp_extract(metadata.channelarn, '[^/]+$') AS channel, date(eventtime) AS day, count(*) AS taken
FROM applications
GROUP BY 1, 2
ORDER BY day DESC, taken DESC
