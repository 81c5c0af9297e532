-- How much is done in each hour of the week.
SELECT day_of_week(eventtime) AS weekday, hour(eventtime) AS hour, count(*) AS calls, count_if(NOT readonly) AS changes
FROM main
GROUP BY 1, 2
ORDER BY 1, 2
