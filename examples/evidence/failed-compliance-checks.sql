-- Failed compliance checks: Failed checks and affected resources, by control and framework.
-- tags: compliance, failed controls
SELECT eventdata.controlname AS control, eventdata.frameworkname AS framework, count(*) AS failed, count(DISTINCT eventdata.resourcearn) AS resources
FROM evidence
WHERE eventdata.compliancecheck = 'FAIL' OR eventdata.resourcecompliancecheck = 'FAIL'
GROUP BY 1, 2
ORDER BY failed DESC
