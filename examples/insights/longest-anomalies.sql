-- Longest anomalies: How long unusual activity lasted, the longest first.
-- tags: anomaly detection, incident duration
SELECT s.insighteventsource, s.insighteventname, s.eventtime AS began, e.eventtime AS ended, date_diff('minute', s.eventtime, e.eventtime) AS minutes
FROM insights s
JOIN insights e ON e.sharedeventid = s.sharedeventid AND e.insightstate = 'End'
WHERE s.insightstate = 'Start'
ORDER BY minutes DESC
