-- CloudWatch alarms disabled: CloudWatch alarms that were deleted, or whose actions were disabled.
-- tags: T1562, defense evasion, monitoring
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'alarmNames'), element_at(requestparameters, 'alarmName')) AS alarms
FROM main
WHERE eventsource = 'monitoring.amazonaws.com' AND eventname IN ('DeleteAlarms', 'DisableAlarmActions')
ORDER BY eventtime DESC
