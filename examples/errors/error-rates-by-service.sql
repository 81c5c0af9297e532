-- Error rates by service: The percentage of failed calls of each service.
-- tags: error rate, reliability
SELECT eventsource, count(*) AS calls, count_if(errorcode IS NOT NULL) AS failed, round(100e0 * count_if(errorcode IS NOT NULL) / count(*), 1) AS percent
FROM main
GROUP BY 1
HAVING count_if(errorcode IS NOT NULL) > 0
ORDER BY percent DESC
