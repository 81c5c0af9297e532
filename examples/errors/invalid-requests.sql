-- Invalid requests: Requests that failed a service's validation, by user agent.
-- tags: client errors, troubleshooting
SELECT regexp_extract(useragent, '^[^ ]+') AS program, eventsource, eventname, count(*) AS times
FROM main
WHERE errorcode LIKE '%Validation%' OR errorcode LIKE '%Malformed%' OR errorcode LIKE '%InvalidParameter%'
GROUP BY 1, 2, 3
ORDER BY times DESC
