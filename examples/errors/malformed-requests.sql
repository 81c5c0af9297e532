-- Programs that send what a service does not understand.
SELECT regexp_extract(useragent, '^[^ ]+') AS program, eventsource, eventname, count(*) AS times
FROM main
WHERE errorcode LIKE '%Validation%' OR errorcode LIKE '%Malformed%' OR errorcode LIKE '%InvalidParameter%'
GROUP BY 1, 2, 3
ORDER BY times DESC
