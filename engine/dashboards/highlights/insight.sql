-- AWSCloudTrail-Highlights | Highlights dashboard | Insight

-- Insights anomalies | Table
-- The latest Insights events.
SELECT eventtime AS eventTime, insighttype AS insightType, insighteventsource AS eventSource, insighteventname AS eventName,
       insightcontext.baselineaverage AS usualPerMinute, insightcontext.insightaverage AS callsPerMinute
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$' AND insightstate = 'Start'
ORDER BY eventtime DESC
LIMIT 20
