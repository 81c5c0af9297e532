-- AWSCloudTrail-InsightsEvents | Insights events dashboard | Insight

-- Insight types | PieChart LabelColumn=insightType ValueColumn=eventCount
-- Insights events by type.
-- tags: anomaly detection, insights
SELECT insighttype AS insightType, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND insightstate = 'Start'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Insights by date | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=insightType
-- Insights events by day and type.
-- tags: anomaly detection, activity trend
SELECT date_trunc('day', eventtime) AS eventDate, insighttype AS insightType, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND insightstate = 'Start'
GROUP BY 1, 2
ORDER BY 1, 2

-- API call rate Insights by event source | BarChart LabelColumn=service ValueColumn=eventCount Orientation=Horizontal
-- Call rate Insights, by service.
-- tags: anomaly detection, call rate
SELECT replace(insighteventsource, '.amazonaws.com') AS service, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND insightstate = 'Start' AND insighttype = 'ApiCallRateInsight'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- API error rate Insights by event source | BarChart LabelColumn=service ValueColumn=eventCount Orientation=Horizontal
-- Error rate Insights, by service.
-- tags: anomaly detection, error rate
SELECT replace(insighteventsource, '.amazonaws.com') AS service, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND insightstate = 'Start' AND insighttype = 'ApiErrorRateInsight'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Insights by top users | Table
-- The users whose calls caused the most Insights events.
-- tags: anomaly detection, user behavior
SELECT v.value AS userArn, count(*) AS eventCount, max(v.average) AS callsPerMinute
FROM $EventDataStoreId$
CROSS JOIN UNNEST(insightcontext.attributions) AS a (attribute, insightvalue, insightaverage, baselinevalue, baselineaverage, insight, baseline)
CROSS JOIN UNNEST(a.insight) AS v (value, average)
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND insightstate = 'End' AND a.attribute = 'userIdentityArn'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 20

-- Insights events | Table
-- The latest Insights events.
-- tags: anomaly detection, insights
SELECT eventtime AS eventTime, insightstate AS state, insighttype AS insightType, insighteventsource AS eventSource, insighteventname AS eventName, insighterrorcode AS errorCode, insightcontext.baselineaverage AS usualPerMinute, insightcontext.insightaverage AS callsPerMinute
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
ORDER BY eventtime DESC
LIMIT 100
