-- With which programs callers work: the name before the version.
SELECT regexp_extract(useragent, '^[^/ ]+') AS program, count(*) AS calls, count(DISTINCT useridentity.arn) AS callers, max(eventtime) AS latest
FROM main
WHERE useragent IS NOT NULL AND useragent NOT LIKE '%.amazonaws.com'
GROUP BY 1
ORDER BY calls DESC
