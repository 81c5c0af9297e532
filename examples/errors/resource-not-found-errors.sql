-- Resource not found errors: Calls for resources that do not exist.
-- tags: not found, troubleshooting
SELECT eventsource, eventname, errorcode, count(*) AS times, count(DISTINCT useridentity.arn) AS callers
FROM main
WHERE errorcode LIKE '%NotFound%' OR errorcode LIKE 'NoSuch%'
GROUP BY 1, 2, 3
ORDER BY times DESC
