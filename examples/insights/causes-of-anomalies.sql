-- Causes of anomalies: Principals, user agents and error codes that contributed to unusual activity.
-- tags: anomaly detection, root cause
SELECT i.eventtime, i.insighteventname, a.attribute, v.value, v.average
FROM insights i
CROSS JOIN UNNEST(i.insightcontext.attributions) AS a (attribute, insightvalue, insightaverage, baselinevalue, baselineaverage, insight, baseline)
CROSS JOIN UNNEST(a.insight) AS v (value, average)
WHERE i.insightstate = 'Start'
ORDER BY v.average DESC
