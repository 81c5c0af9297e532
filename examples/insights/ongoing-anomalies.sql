-- Ongoing anomalies: Unusual activity that has started and not ended.
-- tags: anomaly detection, open incidents
SELECT s.eventtime AS began, s.insighttype, s.insighteventsource, s.insighteventname
FROM insights s
WHERE s.insightstate = 'Start' AND NOT EXISTS (SELECT 1 FROM insights e WHERE e.sharedeventid = s.sharedeventid AND e.insightstate = 'End')
ORDER BY began
