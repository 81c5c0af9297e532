-- Activity by hour of the week: Calls and changes by weekday and hour, UTC.
-- tags: usage pattern, capacity
SELECT day_of_week(eventtime) AS weekday, hour(eventtime) AS hour, count(*) AS calls, count_if(NOT readonly) AS changes
FROM main
GROUP BY 1, 2
ORDER BY 1, 2
