-- How long sessions of roles lasted from their first call to the last.
SELECT useridentity.arn AS session, min(eventtime) AS began, max(eventtime) AS ended,
       date_diff('minute', min(eventtime), max(eventtime)) AS minutes, count(*) AS calls
FROM main
WHERE useridentity.type = 'AssumedRole'
GROUP BY 1
HAVING count(*) > 1
ORDER BY minutes DESC
LIMIT 50
