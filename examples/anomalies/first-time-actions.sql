-- First-time actions: Changes of a kind that an IAM user made for the first time in the last seven days.
-- tags: T1078.004, anomaly detection, user behavior
SELECT who, eventname, first_done
FROM (
  SELECT useridentity.arn AS who, eventname, min(eventtime) AS first_done, bool_or(NOT readonly) AS is_change,
         min(min(eventtime)) OVER (PARTITION BY useridentity.arn) AS known_since
  FROM main
  WHERE useridentity.type = 'IAMUser'
  GROUP BY 1, 2)
WHERE is_change AND first_done > now() - INTERVAL '7' DAY AND known_since < now() - INTERVAL '7' DAY
ORDER BY first_done DESC
