-- What callers ask for and is not there.
SELECT eventsource, eventname, errorcode, count(*) AS times, count(DISTINCT useridentity.arn) AS callers
FROM main
WHERE errorcode LIKE '%NotFound%' OR errorcode LIKE 'NoSuch%'
GROUP BY 1, 2, 3
ORDER BY times DESC
