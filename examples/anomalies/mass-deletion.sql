-- Mass deletion: Hours in which a caller deleted at least ten resources.
-- tags: T1485, data destruction, impact
SELECT date_trunc('hour', eventtime) AS hour, useridentity.arn AS who, count(*) AS removed, approx_most_frequent(3, eventname, 20) AS how
FROM main
WHERE regexp_like(eventname, '^(Delete|Terminate|Remove|Purge)') AND errorcode IS NULL
GROUP BY 1, 2
HAVING count(*) >= 10
ORDER BY removed DESC
