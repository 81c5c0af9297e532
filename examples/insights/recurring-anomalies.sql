-- Recurring anomalies: Actions with unusual activity, the most frequent first.
-- tags: anomaly detection, recurrence
SELECT insighteventsource, insighteventname, insighttype, count(*) AS times, max(eventtime) AS latest
FROM insights
WHERE insightstate = 'Start'
GROUP BY 1, 2, 3
ORDER BY times DESC
