-- Anomalies against the baseline: Unusual activity, by its rate divided by the baseline rate.
-- tags: anomaly detection, baseline
SELECT eventtime, insighteventsource, insighteventname, insighterrorcode, insightcontext.baselineaverage AS usual, insightcontext.insightaverage AS unusual,
       round(insightcontext.insightaverage / nullif(insightcontext.baselineaverage, 0), 1) AS times
FROM insights
WHERE insightstate = 'End'
ORDER BY times DESC NULLS LAST
