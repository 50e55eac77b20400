"""Trains every night, on a machine that exists only for it. Airflow 3; on Airflow 2 the imports are
airflow.DAG and airflow.operators.bash.BashOperator."""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    dag_id="nightly",
    schedule="30 2 * * *",
    start_date=datetime(2026, 11, 1),
    catchup=False,
    max_active_runs=1,
):
    # {{ ds }} is Airflow's: the day of the run, the same in each of its tries. The key of the run is in batch.yaml,
    # since Airflow would fill in ${{ params.date }} itself.
    train = BashOperator(
        task_id="train",
        bash_command="mayfly run-batch batch.yaml --param date={{ ds }} --retry",
        cwd="/srv/recommender",
        env={"GOOGLE_CLOUD_PROJECT": "acme-ml", "MAYFLY_BUCKET": "acme-mayfly"},
        append_env=True,
        # On any exit code but 0 and 99, which is a skip.
        retries=2,
        retry_delay=timedelta(minutes=15),
    )
    check = BashOperator(
        task_id="check",
        bash_command="mayfly check-batch nightly",
        env={"GOOGLE_CLOUD_PROJECT": "acme-ml", "MAYFLY_BUCKET": "acme-mayfly"},
        append_env=True,
    )
    train >> check
