-- User agents in use: Calls and callers by user agent name, any version.
-- tags: user agent, client inventory
SELECT regexp_extract(useragent, '^[^/ ]+') AS program, count(*) AS calls, count(DISTINCT useridentity.arn) AS callers, max(eventtime) AS latest
FROM main
WHERE useragent IS NOT NULL AND useragent NOT LIKE '%.amazonaws.com'
GROUP BY 1
ORDER BY calls DESC
