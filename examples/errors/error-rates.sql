-- How many of a service's calls fail, in percent.
SELECT eventsource, count(*) AS calls, count_if(errorcode IS NOT NULL) AS failed, round(100e0 * count_if(errorcode IS NOT NULL) / count(*), 1) AS percent
FROM main
GROUP BY 1
HAVING count_if(errorcode IS NOT NULL) > 0
ORDER BY percent DESC
