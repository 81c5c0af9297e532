-- Compliance rate by framework: The percentage of passed checks, by framework and control domain.
-- tags: compliance, audit readiness
SELECT eventdata.frameworkname AS framework, eventdata.controldomainname AS subject, count(*) AS checks,
       round(100e0 * count_if(eventdata.compliancecheck = 'PASS') / count(*), 1) AS percent_passed
FROM evidence
WHERE eventdata.compliancecheck IS NOT NULL
GROUP BY 1, 2
ORDER BY percent_passed
