-- Error bursts: Minutes in which a caller received at least ten errors.
-- tags: error spikes, troubleshooting
SELECT date_trunc('minute', eventtime) AS minute, useridentity.arn AS who, count(*) AS failed, approx_most_frequent(3, errorcode, 10) AS codes
FROM main
WHERE errorcode IS NOT NULL
GROUP BY 1, 2
HAVING count(*) >= 10
ORDER BY failed DESC
