import { texts } from '../../texts/lab';
import { ProblemCard } from '../stage/problem-card';
import { ConvergenceCard } from './convergence-card';
import { FilmstripCard } from './filmstrip-card';
import { NoiseScheduleCard } from './noise-schedule-card';
import { NoisedPictureCard } from './noised-picture-card';
import { StepScheduleCard } from './step-schedule-card';
import { TheoryCard } from './theory-card';
import { TrajectoriesCard } from './trajectories-card';
import { WalkCard } from './walk-card';
import './lab.css';

/** The lab: what the settings do, drawn by the functions that do it. */
export default function Lab() {
  return (
    <main className="lab" aria-label={texts.lab}>
      <div className="lab-page">
        <header className="lab-head">
          <h2>{texts.whatTheSettingsDo}</h2>
          <p>{texts.labHelp}</p>
        </header>
        <ProblemCard />
        <div className="lab-cards">
          <NoiseScheduleCard />
          <NoisedPictureCard />
          <StepScheduleCard />
          <ConvergenceCard />
          <TrajectoriesCard />
          <FilmstripCard />
          <WalkCard />
          <TheoryCard />
        </div>
      </div>
    </main>
  );
}
