-- dataset: SV
-- label: Subject Visits
-- keys: STUDYID, USUBJID, VISITNUM
-- A visit took place if vital signs were measured; it is derived from VS, which has cleaned dates and visit numbers.
SELECT STUDYID,
       'SV' AS DOMAIN,
       USUBJID,
       VISITNUM,
       VISIT,
       max(VISITDY) AS VISITDY,
       min(substr(VSDTC, 1, 10)) AS SVSTDTC,
       max(substr(VSDTC, 1, 10)) AS SVENDTC,
       min(VSDY) AS SVSTDY,
       max(VSDY) AS SVENDY
FROM sdtm.VS
WHERE VSSTAT IS NULL
GROUP BY STUDYID, USUBJID, VISITNUM, VISIT
ORDER BY STUDYID, USUBJID, VISITNUM
