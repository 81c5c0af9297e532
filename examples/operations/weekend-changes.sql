-- Weekend changes: Changes on Saturdays and Sundays, by principal.
-- tags: T1078.004, off-hours, change management
SELECT useridentity.arn AS who, date(eventtime) AS day, count(*) AS changes, approx_most_frequent(3, eventname, 20) AS what
FROM main
WHERE NOT readonly AND day_of_week(eventtime) >= 6 AND useridentity.type IN ('IAMUser', 'AssumedRole')
GROUP BY 1, 2
ORDER BY changes DESC
