-- Activity spikes: Hours with at least 20 calls in which a caller exceeded its hourly average by three standard deviations.
-- tags: T1078.004, anomaly detection, user behavior
WITH hours AS (
  SELECT useridentity.arn AS who, date_trunc('hour', eventtime) AS hour, count(*) AS calls
  FROM main
  WHERE useridentity.arn IS NOT NULL
  GROUP BY 1, 2
), usual AS (
  SELECT who, avg(calls) AS average, stddev(calls) AS deviation, count(*) AS hours
  FROM hours
  GROUP BY 1
)
SELECT h.who, h.hour, h.calls, round(u.average, 1) AS usual_calls
FROM hours h JOIN usual u ON u.who = h.who
WHERE u.hours >= 24 AND h.calls > u.average + 3 * u.deviation AND h.calls >= 20
ORDER BY h.calls DESC
