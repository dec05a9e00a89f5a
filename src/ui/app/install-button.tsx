import { MonitorDown } from 'lucide-react';
import { install, useInstall } from '../../store/program/install';
import { texts } from '../../texts/app';
import { IconButton } from '../components/icon-button';

/** Installs Easel as a program of its own, where the browser offers that. */
export function InstallButton() {
  const isOffered = useInstall(({ offer }) => offer !== undefined);
  if (!isOffered) return null;
  return <IconButton icon={MonitorDown} label={texts.installEasel} onClick={() => void install()} />;
}
